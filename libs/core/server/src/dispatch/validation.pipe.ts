import { isRejection, RejectionError } from '@daybook/kernel';
import { Injectable, type PipeTransform } from '@nestjs/common';
import { runs } from './enhancers.js';
import type { OperationMessage } from './message.js';
import { validate } from './validate.js';

/** Validates the input of an operation against its schema; throws a rejection that names every invalid field. */
@Injectable()
export class ValidationPipe implements PipeTransform<OperationMessage, Record<string, unknown>> {
  transform(message: OperationMessage): Record<string, unknown> {
    const { operation, raw } = message;
    if (!runs('validation', message)) return raw as Record<string, unknown>;
    const valid = validate(operation, raw);
    if (isRejection(valid)) throw new RejectionError(valid);
    return valid.input;
  }
}
