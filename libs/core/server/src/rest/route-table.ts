import type { FastifyInstance } from 'fastify';

interface Route {
  readonly pattern: RegExp;
  readonly methods: Set<string>;
}

/** Knows the methods of each route, so that a wrong method is a 405 with Allow instead of a 404. */
export class RouteTable {
  private readonly routes = new Map<string, Route>();

  /** Attach it before routes are registered. */
  attach(instance: FastifyInstance): void {
    instance.addHook('onRoute', (route) => {
      if (route.url.includes('*')) return;
      const methods = Array.isArray(route.method) ? route.method : [route.method];
      const entry = this.routes.get(route.url) ?? { pattern: patternOf(route.url), methods: new Set() };
      for (const method of methods) entry.methods.add(method);
      this.routes.set(route.url, entry);
    });
  }

  methodsAt(url: string): string[] {
    const path = url.split('?')[0] ?? url;
    const methods = [...this.routes.values()].filter((r) => r.pattern.test(path)).flatMap((r) => [...r.methods]);
    return [...new Set(methods)].sort();
  }
}

const patternOf = (url: string): RegExp =>
  new RegExp(`^${url.replaceAll(/[.+?^$()[\]{}|\\]/g, String.raw`\$&`).replaceAll(/:\w+/g, '[^/]+')}/?$`);
