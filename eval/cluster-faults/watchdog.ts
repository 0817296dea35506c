import pg from 'pg';

/** What the database itself noted of its writers. */
export interface Notes {
  /** Batches of an owner that was stored after a batch of its successor. */
  readonly wrongOwner: number;
  /** Batches that set a partition's position back. */
  readonly wentBack: number;
  /** Batches stored. */
  readonly batches: number;
}

/**
 * Lets the database itself watch its writers, by a trigger: every batch of an owner writes the fence of its partition with the
 * owner's epoch, so an epoch that is lower than the one before is a write of somebody who was no longer the owner.
 */
export async function watchWriters(url: string, schema: string): Promise<{ notes(): Promise<Notes> }> {
  const run = async (...statements: string[]) => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      let rows: unknown[][] = [];
      for (const text of statements) ({ rows } = await client.query({ text, rowMode: 'array' }));
      return rows;
    } finally {
      await client.end();
    }
  };
  await run(
    `create table ${schema}.watch_notes (what text not null, id text, before bigint, after bigint)`,
    `create sequence ${schema}.watch_batches`,
    `create function ${schema}.watch_writers() returns trigger language plpgsql as $$
      begin
        if new.id like '%/fence' then
          perform nextval('${schema}.watch_batches');
          if new.fence < old.fence then
            insert into ${schema}.watch_notes values ('wrong owner', new.id, old.fence, new.fence);
          end if;
        elsif new.id like '%/position' and (new.position::json->>'sequence')::bigint < (old.position::json->>'sequence')::bigint then
          insert into ${schema}.watch_notes values ('went back', new.id, (old.position::json->>'sequence')::bigint, (new.position::json->>'sequence')::bigint);
        end if;
        return new;
      end $$`,
    `create trigger watch_writers after update on ${schema}.checkpoints for each row execute function ${schema}.watch_writers()`,
  );
  return {
    async notes() {
      const [row] = await run(
        `select count(*) filter (where what = 'wrong owner'), count(*) filter (where what = 'went back'), (select last_value from ${schema}.watch_batches) from ${schema}.watch_notes`,
      );
      const [wrongOwner, wentBack, batches] = (row ?? []).map(Number);
      return { wrongOwner: wrongOwner ?? 0, wentBack: wentBack ?? 0, batches: batches ?? 0 };
    },
  };
}
