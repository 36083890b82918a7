declare module "cluster-key-slot" {
  /** The slot of a Cluster that a key is in: 0 to 16383. */
  export default function calculateSlot(key: string): number
}
