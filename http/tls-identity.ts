import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls';

/** What Kait shows to a receiver, and whom it trusts there. All are PEM. */
export interface TlsIdentity {
  /** The client certificate, with those between it and the CA that the receiver trusts. */
  cert?: string | undefined;
  /** Its private key, without a passphrase. */
  key?: string | undefined;
  /** CAs that are trusted beside those that Node comes with. */
  ca?: string | undefined;
}

/** Thrown if a certificate or a key cannot be used. The message contains nothing of either. */
export class TlsIdentityError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'TlsIdentityError';
  }
}

/** Throws `TlsIdentityError` if the certificate or the key is no PEM, if they do not belong together, or if one is missing. */
export function secureContextOf({ cert, key, ca }: TlsIdentity): SecureContext {
  if ((cert === undefined) !== (key === undefined)) {
    throw new TlsIdentityError('a client certificate needs its private key, and a key its certificate');
  }
  try {
    return createSecureContext({
      ...(cert !== undefined && { cert, key }),
      ...(ca !== undefined && { ca: [...rootCertificates, ca] }),
    });
  } catch (error) {
    throw new TlsIdentityError('the client certificate, its private key or the CA cannot be used', { cause: error });
  }
}
