import { piecesOf } from '@daybook/projections';
import { contextOf } from '@daybook/server';
import { contextModule } from '@daybook/server/nest/context.module';
import { Module } from '@nestjs/common';
import { collaboration } from './index.js';
import { tags } from './tag.register.js';

@Module(contextModule(contextOf(collaboration, piecesOf(tags))))
export class CollaborationModule {}
