import { TestBed } from '@angular/core/testing';
import { DatabaseConnections } from './connections';

describe('the connections to the database', () => {
  it('are shown by what they are for and whether they are there, without a number', () => {
    TestBed.configureTestingModule({ imports: [DatabaseConnections] });
    const fixture = TestBed.createComponent(DatabaseConnections);
    fixture.componentRef.setInput('items', [
      { program: 'api', purpose: 'reads', state: 'connected' },
      { program: 'api', purpose: 'rights', state: 'full' },
      { program: 'projector', purpose: 'queue', state: 'none' },
    ]);
    fixture.detectChanges();
    const element = fixture.nativeElement as HTMLElement;
    const rows = [...element.querySelectorAll('tbody tr')].map((row) =>
      [...row.children].map((cell) => cell.textContent?.trim()),
    );
    expect(rows).toEqual([
      ['Reads', 'API', 'Connected'],
      ['Rights', 'API', 'All in use'],
      ['Jobs', 'Projector', 'Not connected'],
    ]);
  });
});
