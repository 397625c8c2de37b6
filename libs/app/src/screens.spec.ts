import { accounting } from '@daybook/accounting';
import { approvals } from '@daybook/approvals';
import { audit } from '@daybook/audit';
import { collaboration } from '@daybook/collaboration';
import { customization } from '@daybook/customization';
import { identity } from '@daybook/identity';

describe('rows of another list on the page of a record', () => {
  it('have only columns of that list', () => {
    const views = [accounting, approvals, audit, collaboration, customization, identity]
      .flatMap((face) => face.views)
      .flatMap((one) => (one.kind === 'view' ? [one] : []));
    const shown = views.flatMap(({ title, record }) =>
      (record?.sections ?? []).flatMap((section) =>
        section.kind === 'rows' ? section.columns.map((name) => ({ title, section, name })) : [],
      ),
    );
    expect(shown.length).toBeGreaterThan(10);
    const unknown = shown.filter(({ section, name }) => !(name in section.view.columns));
    expect(unknown.map(({ title, section, name }) => `${title}, ${section.label}: ${name}`)).toEqual([]);
  });
});
