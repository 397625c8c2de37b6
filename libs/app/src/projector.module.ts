import { AccountingModule } from '@daybook/accounting/accounting.module';
import { ApprovalsModule } from '@daybook/approvals/approvals.module';
import { AuditModule } from '@daybook/audit/audit.module';
import { IdentityModule } from '@daybook/identity/identity.module';
import { PlatformModule } from '@daybook/server/platform/platform.module';
import { Module } from '@nestjs/common';

/** Every context of the product, as the projector works for it: their projections and jobs. */
@Module({ imports: [PlatformModule, IdentityModule, AccountingModule, ApprovalsModule, AuditModule] })
export class ProjectorModule {}
