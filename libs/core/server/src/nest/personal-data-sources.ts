import { Inject, Injectable } from '@nestjs/common';
import { Bindings, Dependencies } from '../dispatch/bindings.js';
import type { PersonalData } from '../personal-data.js';

/** What each context stores about people, for copies and erasure. */
@Injectable()
export class PersonalDataSources {
  constructor(
    @Inject(Bindings) private readonly bindings: Bindings,
    @Inject(Dependencies) private readonly dependencies: Dependencies,
  ) {}

  /** One for each context that stores any, in the order of the contexts. */
  get all(): readonly PersonalData[] {
    return this.bindings.contexts.flatMap(({ personalData }) =>
      personalData === null ? [] : [personalData.make(this.dependencies.of(personalData))],
    );
  }
}
