import { TestBed } from '@angular/core/testing';
import { DatabaseConnections } from './connections';

describe('the connections to the database', () => {
  it('are shown by what they are for: how many of how many, and what the server takes', () => {
    TestBed.configureTestingModule({ imports: [DatabaseConnections] });
    const fixture = TestBed.createComponent(DatabaseConnections);
    fixture.componentRef.setInput('counted', {
      items: [
        { program: 'api', purpose: 'reads', open: 4, most: 6 },
        { program: 'projector', purpose: 'queue', open: 1, most: 2 },
        { program: 'other', purpose: 'vault', open: 1, most: null },
      ],
      open: 9,
      most: 100,
    });
    fixture.detectChanges();
    const element = fixture.nativeElement as HTMLElement;
    const rows = [...element.querySelectorAll('tbody tr')].map((row) =>
      [...row.children].map((cell) => cell.textContent?.trim()),
    );
    expect(rows).toEqual([
      ['Reads', 'API', '4', '6'],
      ['Jobs', 'Projector', '1', '2'],
      ['vault', 'Other', '1', '–'],
      ['All on the server', '', '9', '100'],
    ]);
  });
});
