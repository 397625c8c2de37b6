import { createRequire } from 'node:module';
import type { Certificate } from '@daybook/postgres/testing/certificates';
import * as grpc from '@grpc/grpc-js';
import type * as Gossip from '@eventstore/db-client/generated/gossip_pb.js';
import type * as Features from '@eventstore/db-client/generated/serverfeatures_pb.js';
import type * as Shared from '@eventstore/db-client/generated/shared_pb.js';
import type * as Streams from '@eventstore/db-client/generated/streams_pb.js';
import { outageProxy } from './outage-proxy.js';
import { EventStoreDbLog, type Appended, type Expected, type LoggedEvent, type Proposed } from './eventstoredb-log.js';

/*
 * Implements EventStoreDB's protocol by the service definitions in the client's package, so that the unmodified client and the
 * adapter are tested over a real socket. It cannot show where a real server behaves differently.
 */
const requireFromClient = createRequire(createRequire(import.meta.url).resolve('@eventstore/db-client'));
const load = <T>(name: string): T => requireFromClient(`@eventstore/db-client/generated/${name}`) as T;
const streams = load<typeof Streams>('streams_pb.js');
const shared = load<typeof Shared>('shared_pb.js');
const gossip = load<typeof Gossip>('gossip_pb.js');
const features = load<typeof Features>('serverfeatures_pb.js');
const { StreamsService } = load<{ StreamsService: grpc.ServiceDefinition }>('streams_grpc_pb.js');
const { GossipService } = load<{ GossipService: grpc.ServiceDefinition }>('gossip_grpc_pb.js');
const { ServerFeaturesService } = load<{ ServerFeaturesService: grpc.ServiceDefinition }>('serverfeatures_grpc_pb.js');

type StreamOptions = { getStreamIdentifier(): Shared.StreamIdentifier | undefined };
const nameOf = (options: StreamOptions): string =>
  Buffer.from(options.getStreamIdentifier()!.getStreamName_asU8()).toString();
const identifierOf = (name: string) =>
  new shared.StreamIdentifier().setStreamName(Buffer.from(name).toString('base64'));

function proposed(message: Streams.AppendReq.ProposedMessage | Streams.BatchAppendReq.ProposedMessage): Proposed {
  return {
    id: message.getId()!.getString(),
    metadata: new Map(message.getMetadataMap().toArray() as [string, string][]),
    data: message.getData_asU8(),
    customMetadata: message.getCustomMetadata_asU8(),
  };
}

function expectedOf(
  options: { hasAny(): boolean; hasNoStream(): boolean; hasStreamExists(): boolean },
  revision: () => string,
): Expected {
  if (options.hasAny()) return 'any';
  if (options.hasNoStream()) return 'no-stream';
  return options.hasStreamExists() ? 'stream-exists' : BigInt(revision());
}

function eventResponse(event: LoggedEvent): Streams.ReadResp {
  const recorded = new streams.ReadResp.ReadEvent.RecordedEvent()
    .setId(new shared.UUID().setString(event.id))
    .setStreamIdentifier(identifierOf(event.stream))
    .setStreamRevision(String(event.revision))
    .setCommitPosition(String(event.position))
    .setPreparePosition(String(event.position))
    .setData(event.data)
    .setCustomMetadata(event.customMetadata);
  for (const [name, value] of event.metadata) recorded.getMetadataMap().set(name, value);
  const read = new streams.ReadResp.ReadEvent().setEvent(recorded).setCommitPosition(String(event.position));
  return new streams.ReadResp().setEvent(read);
}

const singleResponse = (outcome: Appended): Streams.AppendResp => {
  const answer = new streams.AppendResp();
  if (outcome.kind === 'success') {
    const position = String(outcome.position);
    return answer.setSuccess(
      new streams.AppendResp.Success()
        .setCurrentRevision(String(outcome.revision))
        .setPosition(new streams.AppendResp.Position().setCommitPosition(position).setPreparePosition(position)),
    );
  }
  const wrong = new streams.AppendResp.WrongExpectedVersion();
  if (outcome.current === null) wrong.setCurrentNoStream(new shared.Empty());
  else wrong.setCurrentRevision(String(outcome.current));
  return answer.setWrongExpectedVersion(wrong);
};

export interface DoubleOptions {
  /** Speaks TLS only, with this certificate of `localhost`. */
  readonly tls?: Certificate;
  /** The required login, as `user:password`; none when absent. */
  readonly user?: string;
  /** false: callers may only read. */
  readonly mayWrite?: boolean;
}

export interface EventStoreDbDouble {
  readonly url: string;
  readonly port: number;
  /** Setting it replaces the log, as restoring a backup does; all connections end. */
  log: EventStoreDbLog;
  /** Ends every running subscription, like a node that restarts. */
  dropSubscriptions(): void;
  /** Ends all connections and refuses new ones, like a stopped server, until `restore`. */
  refuse(): Promise<void>;
  /** Accepts connections but never responds, also on open ones, like a suspended process, until `restore`. */
  fallSilent(): void;
  restore(): Promise<void>;
  /** The connection breaks during the next append, before or after it is written. */
  dieInAppend(when: 'before' | 'after'): void;
  /** So many reads from a position fail with an unspecific error, like faults of the server. */
  failReads(times: number): void;
  /** Keeps subscriptions open without sending anything, like a dead connection. */
  silence(silent: boolean): void;
  stop(): Promise<void>;
}

export async function startEventStoreDbDouble(options: DoubleOptions = {}): Promise<EventStoreDbDouble> {
  let log = new EventStoreDbLog();
  const subscriptions = new Set<grpc.ServerWritableStream<Streams.ReadReq, Streams.ReadResp>>();
  let silent = false;
  let failing = 0;
  let dying: 'before' | 'after' | null = null;
  /** No answer is sent, whether or not it was written. */
  const writes = (write: () => Appended): Appended | null => {
    if (dying === null) return write();
    if (dying === 'after') write();
    dying = null;
    outages.cut();
    return null;
  };

  const authorization = options.user && `Basic ${Buffer.from(options.user).toString('base64')}`;
  /** An error as the server sends it: a code, and the name of an exception. */
  const refused = (call: { metadata: grpc.Metadata }, writes: boolean): grpc.ServiceError | null => {
    const isIn = !authorization || call.metadata.get('authorization')[0] === authorization;
    if (isIn && !(writes && options.mayWrite === false)) return null;
    const metadata = new grpc.Metadata();
    if (isIn) metadata.set('exception', 'access-denied');
    const code = isIn ? grpc.status.PERMISSION_DENIED : grpc.status.UNAUTHENTICATED;
    return Object.assign(new Error('Access Denied'), { code, details: 'Access Denied', metadata });
  };

  const append: grpc.handleClientStreamingCall<Streams.AppendReq, Streams.AppendResp> = (call, answer) => {
    let header: Streams.AppendReq.Options | undefined;
    const events: Proposed[] = [];
    const no = refused(call, true);
    if (no) return answer(no);
    call.on('data', (request: Streams.AppendReq) => {
      if (request.hasOptions()) header = request.getOptions();
      else events.push(proposed(request.getProposedMessage()!));
    });
    call.on('end', () => {
      const { name, expected } = { name: nameOf(header!), expected: expectedOf(header!, () => header!.getRevision()) };
      const outcome = writes(() => log.append(name, expected, events));
      if (outcome) answer(null, singleResponse(outcome));
    });
  };

  const read: grpc.handleServerStreamingCall<Streams.ReadReq, Streams.ReadResp> = (call) => {
    const request = call.request.getOptions()!;
    const no = refused(call, false);
    if (no) return void call.emit('error', no);
    if (request.hasSubscription()) return follow(call, request);
    const backwards = request.getReadDirection() === 1;
    let events: readonly LoggedEvent[];
    if (request.hasStream()) {
      const stream = request.getStream()!;
      const standing = log.stream(nameOf(stream));
      if (standing.length === 0) {
        const missing = new streams.ReadResp.StreamNotFound().setStreamIdentifier(identifierOf(nameOf(stream)));
        call.write(new streams.ReadResp().setStreamNotFound(missing));
        return call.end();
      }
      const from = stream.hasRevision() ? Number(stream.getRevision()) : stream.hasEnd() ? Infinity : 0;
      events = backwards
        ? standing.filter((event) => event.revision <= from).reverse()
        : standing.filter((event) => event.revision >= from);
    } else {
      if (request.getAll()!.hasPosition() && failing-- > 0) {
        return void call.emit(
          'error',
          Object.assign(new Error('Fault'), { code: grpc.status.UNKNOWN, details: 'Fault' }),
        );
      }
      events = log.all(fromOf(request.getAll()!), backwards);
    }
    for (const event of events.slice(0, Number(request.getCount()))) call.write(eventResponse(event));
    call.end();
  };

  /** A catch-up subscription: existing events after the position, then new ones, filtered by event type, with checkpoints. */
  function follow(
    call: grpc.ServerWritableStream<Streams.ReadReq, Streams.ReadResp>,
    request: Streams.ReadReq.Options,
  ) {
    const filter = request.getFilter();
    const matches = new RegExp(filter?.getEventType()?.getRegex() || '.*');
    const interval = 32 * (filter?.getCheckpointintervalmultiplier() ?? 1);
    const from = fromOf(request.getAll()!);
    let next =
      from === 'start' ? 0 : from === 'end' ? log.events.length : log.events.findIndex((e) => e.position > from);
    if (next < 0) next = log.events.length;
    let looked = 0;
    let writing = false;
    const write = (response: Streams.ReadResp): Promise<void> =>
      new Promise((done) => (call.write(response) ? done() : call.once('drain', done)));
    const send = async (): Promise<void> => {
      if (writing || silent) return;
      writing = true;
      while (next < log.events.length && !call.cancelled) {
        const event = log.events[next++]!;
        if (matches.test(event.metadata.get('type') ?? '')) await write(eventResponse(event));
        if (filter && ++looked % interval === 0) {
          const at = String(event.position);
          const checkpoint = new streams.ReadResp.Checkpoint().setCommitPosition(at).setPreparePosition(at);
          await write(new streams.ReadResp().setCheckpoint(checkpoint));
        }
      }
      writing = false;
    };
    const confirmation = new streams.ReadResp.SubscriptionConfirmation().setSubscriptionId(crypto.randomUUID());
    call.write(new streams.ReadResp().setConfirmation(confirmation));
    const unfollow = log.follow(() => void send());
    subscriptions.add(call);
    const over = (): void => {
      unfollow();
      subscriptions.delete(call);
    };
    call.on('cancelled', over).on('close', over);
    void send();
  }

  const server = new grpc.Server();
  const unsupported = (call: unknown, answer: grpc.sendUnaryData<never>): void =>
    answer({ code: grpc.status.UNIMPLEMENTED });
  server.addService(StreamsService, { append, read, delete: unsupported, tombstone: unsupported });
  server.addService(ServerFeaturesService, {
    getSupportedMethods: (call: unknown, answer: grpc.sendUnaryData<Features.SupportedMethods>) => {
      const methods = new features.SupportedMethods().setEventStoreServerVersion('24.10.0');
      answer(null, methods);
    },
  });
  server.addService(GossipService, {
    read: (call: unknown, answer: grpc.sendUnaryData<Gossip.ClusterInfo>) => {
      const at = new gossip.EndPoint().setAddress(options.tls ? 'localhost' : '127.0.0.1').setPort(outages.port);
      const leader = new gossip.MemberInfo().setState(8).setIsAlive(true).setHttpEndPoint(at);
      leader.setInstanceId(new shared.UUID().setString(crypto.randomUUID()));
      answer(null, new gossip.ClusterInfo().setMembersList([leader]));
    },
  });
  const port = await new Promise<number>((done, fail) => {
    const credentials = options.tls
      ? grpc.ServerCredentials.createSsl(null, [
          { private_key: Buffer.from(options.tls.key), cert_chain: Buffer.from(options.tls.certificate) },
        ])
      : grpc.ServerCredentials.createInsecure();
    server.bindAsync('127.0.0.1:0', credentials, (error, bound) => (error ? fail(error) : done(bound)));
  });
  const outages = await outageProxy(port);
  return {
    url: `esdb://127.0.0.1:${outages.port}?tls=${options.tls !== undefined}`,
    port: outages.port,
    get log() {
      return log;
    },
    set log(other) {
      log = other;
      outages.cut();
    },
    refuse: () => outages.refuse(),
    fallSilent: () => outages.fallSilent(),
    restore: () => outages.restore(),
    dieInAppend: (when) => void (dying = when),
    dropSubscriptions: () => {
      for (const call of subscriptions)
        call.destroy(Object.assign(new Error('Going down.'), { code: grpc.status.UNAVAILABLE }));
    },
    failReads: (times) => void (failing = times),
    silence: (now) => void (silent = now),
    stop: async () => {
      await outages.close();
      server.forceShutdown();
    },
  };
}

function fromOf(all: Streams.ReadReq.Options.AllOptions): bigint | 'start' | 'end' {
  if (all.hasPosition()) return BigInt(all.getPosition()!.getCommitPosition());
  return all.hasEnd() ? 'end' : 'start';
}
