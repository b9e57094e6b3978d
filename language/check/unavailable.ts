/** Properties that the language has and this version does not carry out, with what to do in the meantime. */
export const unavailableProperties: Readonly<Record<string, string>> = {
  key: 'Runs are independent of each other.',
};
