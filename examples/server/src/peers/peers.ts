/** The other servers on the same store: which of them keeps a tenant, and what happens there. */
export interface Peers {
  /** Takes a tenant for this server; false while another one has it, or nobody can tell. */
  claim(tenantId: string): Promise<boolean>;
  /** Lets another server have it. */
  release(tenantId: string): Promise<void>;
  /** Tells the other servers; the message is only made where there are any. Messages that find nobody are lost. */
  tell(message: () => string): void;
  /** Called with what others tell. */
  onMessage: ((message: string) => void) | undefined;
  /** Called when what was claimed is no longer this server's. */
  onLost: (() => void) | undefined;
  /** Whether there are other servers now. */
  readonly others: boolean;
  /** Whether there can be other servers at all. */
  readonly shared: boolean;
  /** Gives back everything. */
  close(): Promise<void>;
}

/** The only server of its store. */
export function alone(): Peers {
  return {
    claim: async () => true,
    release: async () => undefined,
    tell: () => undefined,
    onMessage: undefined,
    onLost: undefined,
    others: false,
    shared: false,
    close: async () => undefined,
  };
}
