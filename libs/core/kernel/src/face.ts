import type { RecordType } from './record/record.js';
import type { ReportDeclaration } from './report.js';
import type { ViewDeclaration } from './view.js';

/** What a context shows of itself: to the console, and to other contexts. Browser-safe; it stands in the context's `index.ts`. */
export interface ContextFace {
  /** The first word of its operations, events and error codes: `crm`. */
  readonly name: string;
  /** The heading in the console's rail: "Customers". */
  readonly title: string;
  readonly icon: string;
  readonly records: readonly RecordType[];
  readonly views: readonly ViewDeclaration[];
  readonly reports: readonly ReportDeclaration[];
}
export const face = (
  name: string,
  declared: Pick<ContextFace, 'title' | 'icon'> & Partial<Omit<ContextFace, 'name'>>,
): ContextFace => ({ name, records: [], views: [], reports: [], ...declared });
