import { contextOf } from '@daybook/server';
import { contextModule } from '@daybook/server/nest/context.module';
import { Module } from '@nestjs/common';
import { audit as face } from './index.js';
import { trailPersonalData } from './trail/trail.personal-data.js';
import { listEvents } from './trail/trail.operations.js';
import { trailProjection } from './trail/trail.projection.js';
import { trailAnswers } from './trail/trail.queries.js';

/** The audit trail of all contexts of the product; their operations give it its sentences. */
export const audit = contextOf(face, [], {
  bindings: trailAnswers,
  projections: [trailProjection],
  channels: { audit: listEvents },
  personalData: trailPersonalData,
});

@Module(contextModule(audit))
export class AuditModule {}
