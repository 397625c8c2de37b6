import { forwardRef, Module } from '@nestjs/common';
import { context } from '../context.js';
import { contextModule, contextsIn, moduleOf } from './context.module.js';

const [sales, stock] = [context({ name: 'sales', title: 'Sales' }), context({ name: 'stock', title: 'Stock' })];

/* Two contexts whose modules import each other. */
@Module(contextModule(sales, { imports: [forwardRef(() => StockModule)] }))
class SalesModule {}
@Module(contextModule(stock, { imports: [forwardRef(() => SalesModule)] }))
class StockModule {}

describe('the contexts of an application', () => {
  it('include those that Nest imports by forwardRef, each once', () => {
    @Module({ imports: [SalesModule, StockModule] })
    class Root {}
    expect(contextsIn(Root)).toEqual([stock, sales]);
  });

  it('include those of dynamic modules, in import order', () => {
    const root = { module: class {}, imports: [moduleOf(sales), moduleOf(stock)] };
    expect(contextsIn(root)).toEqual([sales, stock]);
  });
});
