import { isRejection, RejectionError } from '@daybook/kernel';
import { Injectable, type PipeTransform } from '@nestjs/common';
import { runs } from './enhancers.js';
import type { OperationMessage } from './message.js';
import { validate } from './validate.js';

/** The input of an operation by its declared schema; throws the rejection that names every wrong field. */
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
