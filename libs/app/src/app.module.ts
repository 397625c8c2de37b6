import { contexts } from '@daybook/contexts';
import { PlatformModule } from '@daybook/server/platform/platform.module';
import { Module } from '@nestjs/common';

/** Every context of the product, as the API answers for it. */
@Module({ imports: [PlatformModule, ...contexts] })
export class AppModule {}
