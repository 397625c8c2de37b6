import { BlockList, isIP } from 'node:net';

/** Single addresses and CIDR blocks, IPv4 and IPv6. */
type Block = { readonly net: string; readonly bits: number; readonly family: 'ipv4' | 'ipv6' };

/** null if the text is neither an address nor a block. */
export function blockOf(text: string): Block | null {
  const [net = '', bits, more] = text.split('/');
  const version = isIP(net);
  if (version === 0 || more !== undefined || net.includes('%')) return null;
  const most = version === 4 ? 32 : 128;
  if (bits !== undefined && !/^(0|[1-9]\d{0,2})$/.test(bits)) return null;
  const length = bits === undefined ? most : Number(bits);
  return length > most ? null : { net, bits: length, family: version === 4 ? 'ipv4' : 'ipv6' };
}

/** An empty list allows any address; an unknown address is in no list. An IPv4-mapped IPv6 address counts as IPv4. */
export function isAllowed(address: string | null, list: readonly string[]): boolean {
  if (list.length === 0) return true;
  if (address === null) return false;
  const plain = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address;
  const version = isIP(plain);
  if (version === 0) return false;
  const blocks = new BlockList();
  for (const text of list) {
    const block = blockOf(text);
    if (block) blocks.addSubnet(block.net, block.bits, block.family);
  }
  return blocks.check(plain, version === 4 ? 'ipv4' : 'ipv6');
}
