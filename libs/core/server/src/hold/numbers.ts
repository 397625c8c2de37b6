import { formatNumber, nameId, periodOf, type Series, streamName } from '@daybook/kernel';
import { decide } from '../binding.js';
import type { GrantingAggregate, HoldOn } from './granting.js';
import { numberEvents } from './hold.events.js';
import { confirmNumber, holdNumber, numberCommands, releaseNumber } from './hold.internal.js';
import { numberDecider, numberIn, type SeriesState } from './number.decider.js';

export const seriesStream = (tenant: string, series: string, companyId: string | null, period: string): string =>
  streamName('platform.series', tenant, nameId(tenant, 'series', series, companyId ?? '', period));

export const numberBinding = decide({
  operations: numberCommands,
  decider: numberDecider,
  events: numberEvents,
  stream: ({ series, companyId, period }, { tenant }) => seriesStream(tenant, series, companyId, period),
  mayChangeNothing: true,
  snapshots: { code: import.meta.resolve('./number.decider.js') },
});

const numbers: GrantingAggregate = {
  binding: numberBinding,
  hold: holdNumber,
  confirm: confirmNumber,
  release: releaseNumber,
  openHolds: (state) => (state as SeriesState).open.values(),
};

/**
 * The next number of a series, as a `held` fact: `{ held: ({ now }) => numberOf(reviewNumbers, { day: now }) }`. `day` decides
 * the period; with a company, the series is that company's own.
 */
export function numberOf(
  series: Series,
  { day, companyId = null }: { day: string; companyId?: string | null },
): HoldOn<string> {
  const period = periodOf(series, day);
  return {
    from: numbers,
    what: { series: series.name, companyId, period },
    provisional: formatNumber(series, period, 0),
    granted: (result) => formatNumber(series, period, numberIn(result)),
  };
}
