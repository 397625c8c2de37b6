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
 * Rejects a request that changes something and was made by a page of another site (cross-site request forgery, CSRF).
 * Browsers send `Sec-Fetch-Site`, which pages cannot set, or, over plain HTTP in a local network, `Origin`. Programs send
 * neither. The refresh cookie is `SameSite=Strict` anyway; this check also covers other origins of the same site.
 */
export function crossSite(request: Pick<FastifyRequest, 'method' | 'headers' | 'host'>): Rejection | null {
  if (safe.has(request.method)) return null;
  const { 'sec-fetch-site': site, origin } = request.headers;
  const own = site === undefined ? origin === undefined || hostOf(origin) === request.host : ours.has(String(site));
  return own
    ? null
    : reject(
        'platform.cross-site-request',
        'This request came from a page of another site. Use Daybook’s own pages or a program.',
        {
          status: 403,
        },
      );
}
