import { Readable } from 'node:stream';
import type { Files } from '@daybook/files';
import { isRejection, oneLine, reject, type Rejection } from '@daybook/kernel';
import { Controller, Get, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Authenticator } from '../dispatch/access.js';
import { Dispatcher } from '../dispatch/dispatcher.js';
import type { Route } from '../dispatch/message.js';
import { asRejection } from '../as-rejection.js';
import { ReadableFiles, uploaderOf } from '../files/readable-files.js';
import { FILES, READS } from '../nest/tokens.js';
import { type Reads, waitFor } from '../query/reads.js';
import { filePermissions } from './file-permissions.js';
import { httpRequest } from './http-request.js';
import { sendAnswer, sendRejection } from './replies.js';

const routeOf = (permission: string, title: string): Route => ({
  kind: 'route',
  name: permission,
  title,
  permission,
  delegated: true,
});
const fileRoutes = {
  upload: routeOf(filePermissions.upload, 'Upload a file'),
  read: routeOf(filePermissions.read, 'Download a file'),
};

/** Upload and download as streams of raw bytes; files are never held in memory. */
@Controller('v1/files')
export class FilesController {
  constructor(
    @Inject(Dispatcher) private readonly dispatcher: Dispatcher,
    @Inject(Authenticator) private readonly authenticator: Authenticator,
    @Inject(FILES) private readonly files: Files,
    @Inject(ReadableFiles) private readonly readable: ReadableFiles,
    @Inject(READS) private readonly reads: Reads,
  ) {}

  @Post()
  async upload(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @Query('name') name: unknown) {
    const access = await this.admit(fileRoutes.upload, request, reply);
    if (access === null) return;
    const { body } = request;
    const named = fileName.safeParse(name);
    if (!named.success) {
      refuseBody(body);
      sendRejection(reply, unfitName(named.error.issues[0]?.message));
      return;
    }
    if (!(body instanceof Readable)) {
      sendRejection(
        reply,
        reject('platform.unsupported-media-type', 'Send the bytes with Content-Type application/octet-stream.', {
          status: 415,
        }),
      );
      return;
    }
    try {
      sendAnswer(reply, { value: await this.files.store(access.tenant, named.data, body, uploaderOf(access)) });
    } catch (error) {
      refuseBody(body);
      throw error;
    }
  }

  @Get(':sha256')
  async download(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @Param('sha256') sha256: string) {
    const access = await this.admit(fileRoutes.read, request, reply);
    if (access === null) return;
    const { knownAt, minPosition, signal } = httpRequest(request, reply, this.authenticator);
    const behind = minPosition === null ? null : await waitFor(this.reads, minPosition, { signal });
    const info = behind ?? (await this.readable.find(access, sha256, knownAt).catch(asRejection));
    if (info !== null && 'kind' in info) return sendRejection(reply, info);
    if (!info) return sendRejection(reply, noFile());
    const etag = `"${info.sha256}"`;
    const known = isKnown(request.headers['if-none-match'], etag);
    const content = known ? null : await this.files.open(access.tenant, sha256);
    if (!known && !content) return sendRejection(reply, noFile());
    // Revalidated each time, since the right may have been revoked.
    void reply.header('etag', etag).header('cache-control', 'private, no-cache');
    if (!content) return void reply.code(304).send();
    sendFile(reply, info, content);
  }

  private async admit(route: Route, request: FastifyRequest, reply: FastifyReply) {
    const call = httpRequest(request, reply, this.authenticator);
    const access = await this.dispatcher.authorise(route, call);
    if (!isRejection(access)) return access;
    refuseBody(request.body);
    sendRejection(reply, access);
    return null;
  }
}

export function sendFile(
  reply: FastifyReply,
  { name, size }: { readonly name: string; readonly size: number },
  content: Readable,
  type = 'application/octet-stream',
): void {
  void reply
    .header('content-type', type)
    .header('content-length', String(size))
    .header('content-disposition', `attachment; filename*=UTF-8''${encodeURIComponent(name)}`)
    .send(content);
}

/** Does If-None-Match name this ETag? */
const isKnown = (tags: string | undefined, etag: string): boolean =>
  (tags ?? '').split(',').some((tag) => ['*', etag].includes(tag.trim().replace(/^W\//, '')));

/** Also for a file that the caller may not read, so as not to reveal that it exists. */
const noFile = (): Rejection => reject('files.not-found', 'There is no such file.', { status: 404 });

/** Drains an unread body, so that the caller gets the response instead of a broken connection. */
const refuseBody = (body: unknown): void => {
  if (body instanceof Readable) body.resume();
};

/** A single line without invisible or bidirectional control characters, which could disguise the extension. */
const fileName = oneLine(255).regex(/^[^/\\]*$/, 'Give only the name of the file, without a path.');

const unfitName = (message = 'A file name of 1 to 255 characters, no path.'): Rejection =>
  reject('platform.invalid-input', 'Name the file: ?name=report.xml, 1 to 255 characters, no path.', {
    status: 400,
    errors: [{ pointer: '/name', code: 'invalid', message }],
  });
