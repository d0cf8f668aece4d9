// Gradients and training steps against everyone: the seed's backprop, and whole steps of two networks.
// Must not know how they are timed.
import { NETWORKS, nameOf, simdgradSteps, stepOf } from "../classifier.js";
import { PRECISIONS } from "../harness/contenders.js";
import { defineTable, type Table } from "../harness/table.js";
import { COST, SNIPPET, simdgradCost, simdgradSnippet } from "../seeds/backprop.js";

const seedTables: readonly Table[] = PRECISIONS.flatMap((precision) => [
  defineTable({
    ...SNIPPET,
    name: `peers/snippet/${precision}`,
    title: `sparse autoencoder: the four gradients, ${precision}`,
    family: "snippet",
    invites: [precision],
    prepare: (data, keep) => simdgradSnippet(data, precision, keep),
  }),
  defineTable({
    ...COST,
    name: `peers/cost/${precision}`,
    title: `sparse autoencoder: cost and gradients, ${precision}`,
    invites: [precision],
    prepare: (data, keep) => simdgradCost(data, precision, keep),
  }),
]);

const stepTables = NETWORKS.map((network) =>
  defineTable({
    ...stepOf(network),
    name: `peers/step/${nameOf(network)}`,
    family: `classifier-${network.activation}`,
    invites: ["float32"],
    prepare: (data, keep) => simdgradSteps(network, data, keep),
  }),
);

export const training: readonly Table[] = [...seedTables, ...stepTables];
