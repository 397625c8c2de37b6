import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { Bindings } from '../dispatch/bindings.js';
import { RateLimits } from '../dispatch/limits.js';
import { ShutdownHooks } from './shutdown-hooks.js';
import type { CoreOptions } from './core-options.js';
import { infrastructure } from './infrastructure.js';
import { machinery } from './machinery.js';
import { CLOCK, CONFIG, ISSUERS, LOGGER, PUBLIC_URL, ROLE, SECRET } from './tokens.js';

/** Shared providers of all modules, which contexts inject by class or token. None of them depends on a context. */
@Module({})
export class CoreModule {
  static forRoot(options: CoreOptions, bindings: Bindings, shutdown: ShutdownHooks): DynamicModule {
    const { config, logger, role, now = Date.now, limits = new RateLimits({ per: config.limits }) } = options;
    const providers: Provider[] = [
      { provide: CONFIG, useValue: config },
      { provide: LOGGER, useValue: logger },
      { provide: SECRET, useValue: config.secret },
      { provide: PUBLIC_URL, useValue: config.publicUrl },
      { provide: ISSUERS, useValue: config.issuers },
      { provide: ROLE, useValue: role },
      { provide: CLOCK, useValue: now },
      { provide: RateLimits, useValue: limits },
      { provide: Bindings, useValue: bindings },
      { provide: ShutdownHooks, useValue: shutdown },
      ...infrastructure(options),
      ...machinery(options),
    ];
    const exported = providers.map((one) => (typeof one === 'function' ? one : one.provide));
    return {
      module: CoreModule,
      global: true,
      imports: [CqrsModule.forRoot()],
      providers,
      exports: [...exported, CqrsModule],
    };
  }
}
