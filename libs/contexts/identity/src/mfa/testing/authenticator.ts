import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { isoCBOR } from '@simplewebauthn/server/helpers';

/*
 * A software passkey for specs: registers and answers as a browser with an authenticator does (WebAuthn level 3, ES256,
 * attestation "none"). It can be told to misbehave: another origin, a counter that goes back, no user verification.
 */
export interface Behaviour {
  readonly origin?: string;
  readonly rpId?: string;
  readonly userVerified?: boolean;
  readonly counter?: number;
  readonly challenge?: string;
}
interface CreationOptions {
  readonly challenge: string;
  readonly rp: { readonly id?: string };
  readonly user: { readonly id: string };
}
interface RequestOptions {
  readonly challenge: string;
  readonly rpId?: string;
}

const present = 0x01;
const verified = 0x04;
const attested = 0x40;
const sha256 = (data: string | Buffer): Buffer => createHash('sha256').update(data).digest();
const base64url = (data: Uint8Array): string => Buffer.from(data).toString('base64url');
const number = (value: number, bytes: number): Buffer => {
  const buffer = Buffer.alloc(bytes);
  buffer.writeUIntBE(value, 0, bytes);
  return buffer;
};

export class SoftwareAuthenticator {
  private readonly keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  private readonly id = randomBytes(32);
  private userHandle = '';
  counter = 0;

  constructor(readonly origin = 'http://localhost:3000') {}

  create(given: unknown, behaviour: Behaviour = {}): Record<string, unknown> {
    const options = given as CreationOptions;
    this.userHandle = options.user.id;
    const { x, y } = this.keys.publicKey.export({ format: 'jwk' }) as { x: string; y: string };
    const cose = isoCBOR.encode(
      // kty EC2, alg ES256, crv P-256 (RFC 9053)
      new Map<number, number | Uint8Array>([
        [1, 2],
        [3, -7],
        [-1, 1],
        [-2, Uint8Array.from(Buffer.from(x, 'base64url'))],
        [-3, Uint8Array.from(Buffer.from(y, 'base64url'))],
      ]),
    );
    const credential = Buffer.concat([Buffer.alloc(16), number(this.id.length, 2), this.id, Buffer.from(cose)]);
    const authData = Buffer.concat([this.data(options.rp.id, attested, behaviour), credential]);
    const attestation = isoCBOR.encode(
      new Map<string, Parameters<typeof isoCBOR.encode>[0]>([
        ['fmt', 'none'],
        ['attStmt', new Map()],
        ['authData', Uint8Array.from(authData)],
      ]),
    );
    return this.answer({
      clientDataJSON: base64url(this.clientData('webauthn.create', options.challenge, behaviour)),
      attestationObject: base64url(attestation),
      transports: ['internal'],
    });
  }

  get(given: unknown, behaviour: Behaviour = {}): Record<string, unknown> {
    const options = given as RequestOptions;
    this.counter += 1;
    const authData = this.data(options.rpId, 0, behaviour);
    const clientData = this.clientData('webauthn.get', options.challenge, behaviour);
    const signature = sign('sha256', Buffer.concat([authData, sha256(clientData)]), this.keys.privateKey);
    return this.answer({
      clientDataJSON: base64url(clientData),
      authenticatorData: base64url(authData),
      signature: base64url(signature),
      userHandle: this.userHandle,
    });
  }

  private data(rpId: string | undefined, flags: number, behaviour: Behaviour): Buffer {
    const user = present | (behaviour.userVerified === false ? 0 : verified);
    return Buffer.concat([
      sha256(behaviour.rpId ?? rpId ?? ''),
      number(flags | user, 1),
      number(behaviour.counter ?? this.counter, 4),
    ]);
  }

  private clientData(type: string, challenge: string, behaviour: Behaviour): Buffer {
    const origin = behaviour.origin ?? this.origin;
    return Buffer.from(
      JSON.stringify({ type, challenge: behaviour.challenge ?? challenge, origin, crossOrigin: false }),
    );
  }

  private answer(response: Record<string, unknown>): Record<string, unknown> {
    const id = base64url(this.id);
    const authenticatorAttachment = 'platform';
    return { id, rawId: id, type: 'public-key', authenticatorAttachment, clientExtensionResults: {}, response };
  }
}
