import { createHash, X509Certificate } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';

/** What Kait shows to a receiver, and whom it trusts there. All are PEM texts. */
export interface TlsIdentity {
  /** The client certificate, with those between it and the authority that the receiver trusts. */
  certificate: string;
  /** Its private key, without a passphrase. */
  key: string;
  /** Whom to trust in place of the public authorities. Null: these. */
  authority: string | null;
}

/** Thrown if a certificate or a key cannot be used. The message contains nothing of either. */
export class TlsIdentityError extends Error {
  constructor(options?: ErrorOptions) {
    super('the client certificate, its private key or the authority cannot be used', options);
    this.name = 'TlsIdentityError';
  }
}

/** Throws `TlsIdentityError` if one of the texts is no PEM, or if the key does not belong to the certificate. */
export function secureContextOf({ certificate, key, authority }: TlsIdentity): SecureContext {
  // Node skips an authority that it cannot read, and so would trust nobody without a word.
  if (authority !== null && !isCertificate(authority)) throw new TlsIdentityError();
  try {
    return createSecureContext({ cert: certificate, key, ...(authority !== null && { ca: authority }) });
  } catch (error) {
    throw new TlsIdentityError({ cause: error });
  }
}

function isCertificate(text: string): boolean {
  try {
    return new X509Certificate(text).raw.length > 0;
  } catch {
    return false;
  }
}

/** The same for the same texts, and nothing of them can be told from it. */
export function identityDigest({ certificate, key, authority }: TlsIdentity): string {
  return createHash('sha256')
    .update(JSON.stringify([certificate, key, authority]))
    .digest('base64');
}
