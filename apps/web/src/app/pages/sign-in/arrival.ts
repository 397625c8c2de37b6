import type { Problem } from '../../core/problem';
import { inTab } from '../../core/stores';

/* What every way into a session shares: the second factor it may ask for, and where the person goes then. */

export interface SecondFactorAsked {
  readonly ticket: string;
  readonly methods: readonly string[];
}
/** The way on that a refused sign-in names, when only the second factor is missing. */
export function secondFactorOf({ code, details }: Problem): SecondFactorAsked | null {
  const { ticket, methods } = details as { ticket?: unknown; methods?: unknown };
  if (code !== 'identity.mfa-required' || typeof ticket !== 'string') return null;
  return { ticket, methods: Array.isArray(methods) ? methods.map(String) : ['totp'] };
}

/** Only an address of our own: `//elsewhere` is none. */
export const whereTo = (to: string | null | undefined): string => (to && /^\/(?!\/)/.test(to) ? to : '/');

const goingTo = 'daybook.going-to';
const linking = 'daybook.linking';
/** Leaves for a provider's page; where the person was going, and what they began, waits in this tab. */
export function leaveTo(url: string, to: string | undefined, deed: 'sign-in' | 'link' = 'sign-in'): void {
  inTab.set(goingTo, whereTo(to));
  if (deed === 'link') inTab.set(linking, 'yes');
  else inTab.remove(linking);
  location.assign(url);
}
export interface Return {
  readonly to: string;
  readonly deed: 'sign-in' | 'link';
}
export function comeBack(): Return {
  const back: Return = {
    to: whereTo(inTab.get(goingTo)),
    deed: inTab.get(linking) === null ? 'sign-in' : 'link',
  };
  inTab.remove(goingTo);
  inTab.remove(linking);
  return back;
}
/** The token of an e-mailed link is in the URL fragment, which no server and no log sees; it is taken out of the address. */
export function takeToken(): string {
  const token = new URLSearchParams(location.hash.slice(1)).get('token') ?? '';
  if (token !== '') history.replaceState(history.state, '', location.pathname + location.search);
  return token;
}
