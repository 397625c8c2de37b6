import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

/*
 * X.509 certificates for TLS specs, encoded here (RFC 5280 in DER): Node cannot create certificates, and a bare machine has no
 * openssl.
 */
export interface Certificate {
  readonly certificate: string;
  readonly key: string;
}
export interface Authority extends Certificate {
  /** A server certificate for these host names. */
  issue(...hosts: string[]): Certificate;
}

const der = (tag: number, ...parts: readonly Buffer[]): Buffer => {
  const body = Buffer.concat(parts);
  const size = body.length;
  const length = size < 128 ? [size] : size < 256 ? [0x81, size] : [0x82, size >> 8, size & 255];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
};
const sequence = (...parts: readonly Buffer[]): Buffer => der(0x30, ...parts);
const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'));
const text = (value: string): Buffer => der(0x0c, Buffer.from(value));
const octets = (...parts: readonly Buffer[]): Buffer => der(0x04, ...parts);
const bits = (value: Buffer): Buffer => der(0x03, Buffer.from([0]), value);
const yes = der(0x01, Buffer.from([0xff]));
const time = (value: string): Buffer => der(0x17, Buffer.from(value));

const ecdsaWithSha256 = sequence(oid('2a8648ce3d040302'));
const commonName = '550403';
const basicConstraints = '551d13';
const subjectAltName = '551d11';
const named = (name: string): Buffer => sequence(der(0x31, sequence(oid(commonName), text(name))));

function signed(
  subject: string,
  of: { publicKey: KeyObject },
  issuer: { readonly name: string; readonly key: KeyObject },
  extensions: readonly Buffer[],
): string {
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    ecdsaWithSha256,
    named(issuer.name),
    sequence(time('200101000000Z'), time('491231000000Z')),
    named(subject),
    of.publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...extensions)),
  );
  const whole = sequence(body, ecdsaWithSha256, bits(sign('sha256', body, issuer.key)));
  return `-----BEGIN CERTIFICATE-----\n${whole.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`;
}

const keyPair = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
const pem = (key: KeyObject): string => String(key.export({ type: 'pkcs8', format: 'pem' }));

export function makeAuthority(name: string): Authority {
  const own = keyPair();
  const issuer = { name, key: own.privateKey };
  return {
    certificate: signed(name, own, issuer, [sequence(oid(basicConstraints), yes, octets(sequence(yes)))]),
    key: pem(own.privateKey),
    issue: (...hosts) => {
      const pair = keyPair();
      const names = sequence(...hosts.map((host) => der(0x82, Buffer.from(host))));
      return {
        certificate: signed(hosts[0]!, pair, issuer, [sequence(oid(subjectAltName), octets(names))]),
        key: pem(pair.privateKey),
      };
    },
  };
}
