import { AccountingModule } from '@daybook/accounting/accounting.module';
import { ApprovalsModule } from '@daybook/approvals/approvals.module';
import { AuditModule } from '@daybook/audit/audit.module';
import { CollaborationModule } from '@daybook/collaboration/collaboration.module';
import { CustomizationModule } from '@daybook/customization/customization.module';
import { IdentityModule } from '@daybook/identity/identity.module';

/**
 * The contexts of the product, in the order of the console's rail: the one place outside a context that names it. Both
 * applications import it, and what the console needs of it is made at its build (apps/web/tools/contexts.mjs).
 */
export const contexts = [
  AccountingModule,
  ApprovalsModule,
  AuditModule,
  IdentityModule,
  CollaborationModule,
  CustomizationModule,
];
