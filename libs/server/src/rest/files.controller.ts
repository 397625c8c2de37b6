import { Readable } from 'node:stream';
import type { Files } from '@daybook/files';
import { isRejection, reject, RejectionError } from '@daybook/kernel';
import { Controller, Get, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Authenticator } from '../dispatch/access.js';
import { Dispatcher } from '../dispatch/dispatcher.js';
import { filePermissions } from './file-permissions.js';
import { httpRequest } from './http-request.js';
import { AUTHENTICATOR } from './operation-controller.js';
import { sendAnswer, sendRejection } from './replies.js';

/** Nest's token of the files. */
export const FILES = Symbol('Files');

/** Raw bytes in and out, streamed; nothing of a file is held in memory. */
@Controller('v1/files')
export class FilesController {
  constructor(
    @Inject(Dispatcher) private readonly dispatcher: Dispatcher,
    @Inject(AUTHENTICATOR) private readonly authenticator: Authenticator,
    @Inject(FILES) private readonly files: Files,
  ) {}

  @Post()
  async upload(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @Query('name') name: unknown) {
    const access = await this.admit(filePermissions.upload, request, reply);
    if (access === null) return;
    const { body } = request;
    if (typeof name !== 'string' || !isFileName(name)) {
      refuseBody(body);
      sendRejection(
        reply,
        reject('platform.invalid-input', 'Name the file: ?name=report.xml, 1 to 255 characters, no path.', {
          status: 400,
          errors: [{ pointer: '/name', code: 'invalid', message: 'A file name of 1 to 255 characters, no path.' }],
        }),
      );
      return;
    }
    if (!(body instanceof Readable)) {
      sendRejection(
        reply,
        reject('platform.media-type', 'Send the bytes with Content-Type application/octet-stream.', { status: 415 }),
      );
      return;
    }
    try {
      sendAnswer(reply, await this.files.store(access.tenant, name, body));
    } catch (error) {
      if (!(error instanceof RejectionError)) throw error;
      refuseBody(body);
      void reply.header('connection', 'close');
      sendRejection(reply, error.rejection);
    }
  }

  @Get(':sha256')
  async download(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @Param('sha256') sha256: string) {
    const access = await this.admit(filePermissions.read, request, reply);
    if (access === null) return;
    const known = /^[0-9a-f]{64}$/.test(sha256);
    const info = known ? await this.files.info(access.tenant, sha256) : null;
    const content = info && (await this.files.open(access.tenant, sha256));
    if (!info || !content) {
      sendRejection(reply, reject('files.not-found', 'There is no such file.', { status: 404 }));
      return;
    }
    void reply
      .header('content-type', 'application/octet-stream')
      .header('content-length', String(info.size))
      .header('content-disposition', `attachment; filename*=UTF-8''${encodeURIComponent(info.name)}`)
      .header('etag', `"${info.sha256}"`)
      .header('cache-control', 'private, max-age=31536000, immutable')
      .send(content);
  }

  private async admit(permission: string, request: FastifyRequest, reply: FastifyReply) {
    const call = httpRequest(request, reply, this.authenticator);
    const access = await this.dispatcher.authorise(permission, call, { support: true, title: 'Files' });
    if (!isRejection(access)) return access;
    refuseBody(request.body);
    sendRejection(reply, access);
    return null;
  }
}

/** An unread body is drained, so that the caller gets the answer instead of a broken connection. */
const refuseBody = (body: unknown): void => {
  if (body instanceof Readable) body.resume();
};

const isFileName = (name: string): boolean =>
  name.length >= 1 && name.length <= 255 && !/[/\\\u0000-\u001f]/.test(name);
