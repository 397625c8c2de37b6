import { BlockList, isIP } from 'node:net';

/** Trusted proxies, which may set the client address: those on this machine, and those that the operator configured. */
export interface Proxies {
  readonly trusts: (address: string) => boolean;
}

/** null when an entry is neither an address nor a range such as `10.0.0.0/8`. */
export function proxiesOf(named: readonly string[]): Proxies | null {
  const list = new BlockList();
  for (const one of ['127.0.0.0/8', '::1', ...named]) {
    const [address = '', bits, ...rest] = one.split('/');
    const family = isIP(address);
    const most = family === 4 ? 32 : 128;
    if (family === 0 || rest.length > 0 || !(bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most))) {
      return null;
    }
    list.addSubnet(address, Number(bits ?? most), `ipv${family}` as 'ipv4' | 'ipv6');
  }
  return {
    trusts: (address) => {
      // An IPv4-mapped IPv6 address, as a dual-stack socket shows it.
      const plain = address.toLowerCase().replace(/^::ffff:(?=\d+\.)/, '');
      const family = isIP(plain);
      return family !== 0 && list.check(plain, `ipv${family}` as 'ipv4' | 'ipv6');
    },
  };
}
