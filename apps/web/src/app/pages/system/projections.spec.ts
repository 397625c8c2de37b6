import { TestBed } from '@angular/core/testing';
import { describe, expect, it } from 'vitest';
import { Projections } from './projections';

describe('the read models', () => {
  it('show how far they are behind, and leave rebuilding to the operator', () => {
    TestBed.configureTestingModule({ imports: [Projections] });
    const fixture = TestBed.createComponent(Projections);
    fixture.componentRef.setInput('rows', [
      { name: 'trial-balance', version: 2, generation: 1, state: 'live', position: '1200', behind: { events: '340', seconds: 350 }, rebuild: null, parked: null }, // prettier-ignore
    ]);
    fixture.detectChanges();
    const element = fixture.nativeElement as HTMLElement;
    const [row] = [...element.querySelectorAll('tbody tr')];
    expect([...(row?.children ?? [])].map((cell) => cell.textContent?.trim())).toEqual([
      'trial-balance',
      'v2',
      'Live',
      expect.stringMatching(/^1.200$/),
      '340 events',
      expect.stringMatching(/min/),
    ]);
    expect(element.querySelectorAll('button')).toHaveLength(0);
    expect(element.textContent).toContain('daybook -- projections rebuild NAME');
  });
});
