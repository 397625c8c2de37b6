import type { Pool } from 'pg';
import { BatchedQuery } from './batched-query.js';

describe('a batched query', () => {
  const open = (session_id: string) => ({ session_id, tenant: 't', person_id: 'p', methods: [], due: false });
  const make = (broken = false) => {
    const asked: unknown[][] = [];
    const query = async ({ values }: { values: [string[], string[], string[]] }) => {
      asked.push(values);
      if (broken) throw new Error('connection lost');
      return { rows: [{ revisions: values[0].map((stream) => stream.length), sessions: values[1].map(open) }] };
    };
    return { asked, question: new BatchedQuery({ query } as unknown as Pool) };
  };

  it('asks both queries in one round trip and answers each', async () => {
    const { asked, question } = make();
    const answers = await Promise.all([question.revisions(['a', 'bc']), question.openSessions(['s'], ['t'])]);
    expect(answers).toEqual([[1, 2], [open('s')]]);
    expect(asked).toEqual([[['a', 'bc'], ['s'], ['t']]]);
  });

  it('asks one query alone if the other does not come, and again if one comes twice', async () => {
    const { asked, question } = make();
    expect(await question.revisions(['a'])).toEqual([1]);
    expect(await question.openSessions(['s'], ['t'])).toEqual([open('s')]);
    expect(await Promise.all([question.revisions(['a']), question.revisions(['bc'])])).toEqual([[1], [2]]);
    expect(asked).toHaveLength(4);
  });

  it('fails both queries when the round trip fails', async () => {
    const { question } = make(true);
    const answers = await Promise.allSettled([question.revisions(['a']), question.openSessions(['s'], ['t'])]);
    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });
});
