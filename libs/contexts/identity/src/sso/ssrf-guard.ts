import { lookup, type LookupAddress } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { Agent, fetch as fetchWith, type Dispatcher } from 'undici';

/** Hosts that the API may contact because an administrator named them, besides public ones. */
export interface AllowedHosts {
  /** This machine too, over http as well: for trying a provider out. */
  readonly loopback: boolean;
  /** Host names inside the operator's network that issuers may have, in lower case. */
  readonly internal: readonly string[];
}

/** Loopback, private, link-local and reserved address ranges (RFC 6890 and the IANA special-purpose registries). */
const inside = new BlockList();
for (const [network, bits] of [
  ['0.0.0.0', 8], ['10.0.0.0', 8], ['100.64.0.0', 10], ['127.0.0.0', 8], ['169.254.0.0', 16], ['172.16.0.0', 12],
  ['192.0.0.0', 24], ['192.0.2.0', 24], ['192.88.99.0', 24], ['192.168.0.0', 16], ['198.18.0.0', 15],
  ['198.51.100.0', 24], ['203.0.113.0', 24], ['224.0.0.0', 4], ['240.0.0.0', 4],
] as const) inside.addSubnet(network, bits, 'ipv4'); // prettier-ignore
for (const [network, bits] of [
  ['::', 96], ['64:ff9b::', 96], ['64:ff9b:1::', 48], ['100::', 64], ['2001::', 23], ['2001:db8::', 32], ['2002::', 16],
  ['3fff::', 20], ['5f00::', 16], ['fc00::', 7], ['fe80::', 10], ['fec0::', 10], ['ff00::', 8],
] as const) inside.addSubnet(network, bits, 'ipv6'); // prettier-ignore
const mapped = new BlockList();
mapped.addSubnet('::ffff:0:0', 96, 'ipv6');

/** Whether an IP address is not public. IPv4-mapped IPv6 addresses are always refused. */
export function isInternalAddress(address: string): boolean {
  const plain = address.replace(/%.*$/, '');
  if (isIP(plain) === 4) return inside.check(plain, 'ipv4');
  return inside.check(plain, 'ipv6') || mapped.check(plain, 'ipv6');
}
const isLoopback = (host: string): boolean =>
  host === 'localhost' || host.endsWith('.localhost') || host === '::1' || /^127(\.\d+){3}$/.test(host);

/** As the URL parser normalises it (`127.1` and `0x7f000001` become 127.0.0.1), without brackets and a final dot. */
const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');

/**
 * The URL if the API may contact it, or null: https to a public host, or to one that the operator allowed. Names that resolve
 * to internal addresses are refused on connecting (`guardedFetch`).
 */
export function allowedUrl(text: string, reach: AllowedHosts): URL | null {
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') return null;
  const host = hostOf(url);
  if (isLoopback(host)) return reach.loopback && /^https?:$/.test(url.protocol) ? url : null;
  if (url.protocol !== 'https:') return null;
  if (isIP(host) === 0 || reach.internal.includes(host)) return url;
  return isInternalAddress(host) ? null : url;
}

class AddressNotAllowed extends TypeError {
  override readonly name = 'AddressNotAllowed';
}

type Answer = (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void;
/** `dns.lookup` for all addresses of a host name. */
type Resolve = (hostname: string, options: { all: true }, answer: Answer) => void;

/** A DNS look-up that fails if any address is internal. It runs on connecting, which prevents DNS rebinding. */
function guardedLookup(reach: AllowedHosts, resolve: Resolve): LookupFunction {
  return (hostname, options, answer) => {
    const host = hostname.toLowerCase().replace(/\.$/, '');
    const free = reach.internal.includes(host) || (reach.loopback && isLoopback(host));
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return answer(error, '');
      const [first] = addresses;
      if (!first || (!free && addresses.some(({ address }) => isInternalAddress(address)))) {
        return answer(new AddressNotAllowed('A name leads into the network of this machine'), '');
      }
      if (options.all) return answer(null, addresses);
      answer(null, first.address, first.family);
    });
  };
}

/** `fetch` restricted to allowed URLs: follows no redirects, and checks resolved addresses on connecting. */
export function guardedFetch(
  reach: AllowedHosts,
  resolve: Resolve = lookup,
): (url: string, options: object) => Promise<Response> {
  const dispatcher: Dispatcher = new Agent({ connect: { lookup: guardedLookup(reach, resolve) } });
  return async (url, options) => {
    if (!allowedUrl(url, reach)) throw new AddressNotAllowed('An address that a provider names is not allowed');
    // undici's Response is that of the Fetch standard; only its types are a package's own.
    return (await fetchWith(url, { ...options, redirect: 'manual', dispatcher })) as unknown as Response;
  };
}
