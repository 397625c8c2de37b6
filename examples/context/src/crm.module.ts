import { contextOf } from '@daybook/server';
import { contextModule } from '@daybook/server/nest/context.module';
import { Module } from '@nestjs/common';
import { contactAggregate } from './contact/contact.decider.js';
import { contactAnswers, contactProjection } from './contact/contact.projection.js';
import { crm } from './index.js';

@Module(contextModule(contextOf(crm, [contactAggregate, contactProjection, ...contactAnswers])))
export class CrmModule {}
