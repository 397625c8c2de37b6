import { Location } from '@angular/common';
import { computed, inject, Injectable, signal } from '@angular/core';
import { DefaultUrlSerializer, NavigationStart, Router, UrlTree } from '@angular/router';

export interface AsOfPoint {
  /** Business date, inclusive: which days count. */
  readonly date: string | null;
  /** As known at: an instant, a trail number, or `position:<n>` of the log. */
  readonly known: string | null;
}
export const now: AsOfPoint = { date: null, known: null };

/** Apart from `AsOf`, which needs the router, and the router the serializer. */
@Injectable({ providedIn: 'root' })
class AsOfState {
  readonly point = signal<AsOfPoint>(now);
}
const valid = /^(\d{1,19}|position:\d{1,19}|\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d))$/;

const read = (tree: UrlTree): AsOfPoint => {
  const { asof, known } = tree.queryParams as Record<string, string | undefined>;
  return {
    date: asof !== undefined && /^\d{4}-\d\d-\d\d$/.test(asof) ? asof : null,
    known: known !== undefined && valid.test(known) ? known : null,
  };
};

/**
 * The time the whole console is in is part of the address, so that it can be shared and Back returns. Every address the
 * router writes carries it: following a link keeps the time, leaving it is always explicit.
 */
@Injectable()
export class AsOfSerializer extends DefaultUrlSerializer {
  private readonly point = inject(AsOfState).point;

  override serialize(tree: UrlTree): string {
    const { date, known } = this.point();
    const { asof: _, known: __, ...rest } = tree.queryParams as Record<string, unknown>;
    const time = { ...(date === null ? {} : { asof: date }), ...(known === null ? {} : { known }) };
    return super.serialize(new UrlTree(tree.root, { ...rest, ...time }, tree.fragment));
  }
}

@Injectable({ providedIn: 'root' })
export class AsOf {
  private readonly router = inject(Router);
  private readonly location = inject(Location);
  private readonly state = inject(AsOfState).point;
  readonly point = this.state.asReadonly();
  readonly date = computed(() => this.state().date);
  readonly known = computed(() => this.state().known);
  /** In the past nothing can be changed. */
  readonly past = computed(() => this.state().known !== null || this.state().date !== null);

  constructor() {
    this.router.events.subscribe((event) => {
      // The first address and those of Back and Forward were not written here: the time is read from the browser's
      // address, since that of the event has already been through the serializer.
      if (event instanceof NavigationStart && (event.id === 1 || event.navigationTrigger === 'popstate')) {
        this.state.set(read(this.router.parseUrl(this.location.path())));
      }
    });
  }
  async go(point: AsOfPoint): Promise<void> {
    this.state.set(point);
    const tree = this.router.parseUrl(this.router.url);
    delete tree.queryParams['cursor'];
    await this.router.navigateByUrl(tree, { onSameUrlNavigation: 'reload' });
  }
  leave(): Promise<void> {
    return this.go(now);
  }
}
