import { TestBed } from '@angular/core/testing';
import { describe, expect, it } from 'vitest';
import { Projections } from './projections';

describe('the read models and processes', () => {
  it('show how far they are behind, and leave rebuilding to the operator', () => {
    TestBed.configureTestingModule({ imports: [Projections] });
    const fixture = TestBed.createComponent(Projections);
    fixture.componentRef.setInput('rows', [
      { kind: 'read-model', name: 'trial-balance', version: 2, generation: 1, state: 'live', position: '1200', behind: { events: '340', seconds: 350 }, rebuild: null, parked: null }, // prettier-ignore
    ]);
    fixture.detectChanges();
    const element = fixture.nativeElement as HTMLElement;
    const [row] = [...element.querySelectorAll('tbody tr')];
    expect([...(row?.children ?? [])].map((cell) => cell.textContent?.trim())).toEqual([
      'trial-balance',
      'Read model',
      'v2',
      'Live',
      expect.stringMatching(/^1.200$/),
      '340 events',
      expect.stringMatching(/min/),
    ]);
    expect(element.querySelectorAll('button')).toHaveLength(0);
    expect(element.textContent).toContain('daybook -- projections rebuild NAME');
  });

  it('say of a process at which step it is parked', () => {
    TestBed.configureTestingModule({ imports: [Projections] });
    const fixture = TestBed.createComponent(Projections);
    const parked = { eventId: 'e', type: 'identity.review-item-decided.v1', position: '7', error: 'revoke: identity.last-admin', tries: 1, parkedAt: '2026-03-31T12:00:00Z' }; // prettier-ignore
    fixture.componentRef.setInput('rows', [
      { kind: 'process', name: 'identity.access-review', version: 1, generation: 1, state: 'live', position: '9', behind: { events: '0', seconds: 0 }, rebuild: null, parked }, // prettier-ignore
    ]);
    fixture.detectChanges();
    const text = (fixture.nativeElement as HTMLElement).textContent;
    expect(text).toMatch(/Process.*Parked.*A step that follows.*revoke: identity.last-admin/s);
  });
});
