import { reject, type Rejection } from '@daybook/kernel';
import type { FastifyRequest } from 'fastify';

const safe = new Set(['GET', 'HEAD', 'OPTIONS']);
const ours = new Set(['same-origin', 'none']);

const hostOf = (origin: string): string | null => {
  try {
    return new URL(origin).host;
  } catch {
    return null;
  }
};

/**
 * A request that changes something and was made by a page of another site (cross-site request forgery). Browsers say so
 * in `Sec-Fetch-Site`, which no page can set, and where they do not (plain HTTP in a local network) in `Origin`. Programs
 * send neither. The refresh cookie is `SameSite=Strict` besides; this also keeps neighbours of the same site out.
 */
export function crossSite(request: Pick<FastifyRequest, 'method' | 'headers' | 'host'>): Rejection | null {
  if (safe.has(request.method)) return null;
  const { 'sec-fetch-site': site, origin } = request.headers;
  const own = site === undefined ? origin === undefined || hostOf(origin) === request.host : ours.has(String(site));
  return own
    ? null
    : reject(
        'platform.cross-site-request',
        'This came from a page of another site. Use Daybook’s own pages or a program.',
        {
          status: 403,
        },
      );
}
