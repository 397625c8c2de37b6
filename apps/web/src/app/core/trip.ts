import { Injectable, signal } from '@angular/core';

/** The list a record was opened from: J and K go through it, the path leads back to it as it was. */
@Injectable({ providedIn: 'root' })
export class Trip {
  private readonly links = signal<readonly string[]>([]);
  readonly from = signal<string | null>(null);
  set(links: readonly string[], from: string): void {
    this.links.set(links);
    this.from.set(from);
  }
  /** The neighbour of an address in that list; null at its ends or outside it. */
  beside(address: string, step: 1 | -1): string | null {
    const at = this.links().indexOf(address.split('?')[0] ?? '');
    return at < 0 ? null : (this.links()[at + step] ?? null);
  }
}
