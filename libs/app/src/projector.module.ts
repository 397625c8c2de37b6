import { contexts } from '@daybook/contexts';
import { PlatformModule } from '@daybook/server/platform/platform.module';
import { Module } from '@nestjs/common';

/** Every context of the product, as the projector works for it: their projections and jobs. */
@Module({ imports: [PlatformModule, ...contexts] })
export class ProjectorModule {}
