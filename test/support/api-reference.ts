// The public symbols with their docstrings, as TypeDoc reads them. Must not know what docstrings need.
import {
  Application,
  type Comment,
  type DeclarationReflection,
  ReflectionKind,
  type SignatureReflection,
  type SomeType,
  TSConfigReader,
  TypeDocReader,
} from "typedoc";

/** One symbol: its kind, and the parts of its docstring. */
export interface Documented {
  /** Its module aside, as one writes it: `random.normal`, `Tensor.item`, `minimize(options).history`. */
  readonly name: string;
  readonly kind: "function" | "method" | "class" | "type" | "member" | "module";
  /** Without its tags, in one line. */
  readonly text: string;
  /** What follows each `@throws`. */
  readonly throws: readonly string[];
  readonly hasExample: boolean;
}

/** Everything that `typedoc.config.mjs` puts into the reference. */
export async function documented(): Promise<Documented[]> {
  const app = await Application.bootstrap({ logLevel: "Error" }, [new TypeDocReader(), new TSConfigReader()]);
  const project = await app.convert();
  if (project === undefined) throw new Error("TypeDoc could not read the sources");
  return project.children!.flatMap((module) => [
    entry(module.name, "module", module.comment),
    ...module.children!.flatMap((child) => symbol(child, "")),
  ]);
}

function entry(name: string, kind: Documented["kind"], comment: Comment | undefined): Documented {
  const tagged = (tag: string): string[] =>
    (comment?.blockTags ?? []).filter((block) => block.tag === tag).map(({ content }) => textOf(content));
  return {
    name,
    kind,
    text: textOf(comment?.summary ?? []),
    throws: tagged("@throws"),
    hasExample: tagged("@example").length > 0,
  };
}

function textOf(parts: Comment["summary"]): string {
  return parts
    .map(({ text }) => text)
    .join("")
    .replace(/\s+/g, " ")
    .trim();
}

/** A symbol and its members, except those of JavaScript's own classes. */
function symbol(of: DeclarationReflection, prefix: string): Documented[] {
  const name = `${prefix}${of.name}`;
  const within = `${name}.`;
  const members = (of.children ?? [])
    .filter((child) => !child.flags.isExternal && child.overwrites === undefined)
    .flatMap((child) => symbol(child, within));
  switch (of.kind) {
    case ReflectionKind.Reference:
      return [];
    case ReflectionKind.Namespace:
      return members;
    case ReflectionKind.Function:
    case ReflectionKind.Method: {
      const [first] = of.signatures!;
      const kind = of.kind === ReflectionKind.Function ? "function" : "method";
      return [entry(name, kind, first!.comment), ...of.signatures!.flatMap((signature) => options(signature, name))];
    }
    case ReflectionKind.Accessor:
      return [entry(name, "member", of.getSignature!.comment)];
    case ReflectionKind.Class:
      return [entry(name, "class", of.comment), ...members];
    case ReflectionKind.Interface:
      return [
        entry(name, "type", of.comment),
        ...(of.signatures ?? []).map(({ comment }) => entry(`${name}()`, "method", comment)),
        ...members,
      ];
    case ReflectionKind.TypeAlias:
      return [entry(name, "type", of.comment), ...members];
    default:
      return [entry(name, "member", of.comment), ...members];
  }
}

/** The members of parameters whose types are written in place. */
function options(signature: SignatureReflection, name: string): Documented[] {
  const literals = (type: SomeType | undefined): DeclarationReflection[] => {
    if (type?.type === "intersection") return type.types.flatMap(literals);
    return type?.type === "reflection" ? (type.declaration.children ?? []) : [];
  };
  const typed = [...(signature.parameters ?? []), ...(signature.typeParameters ?? [])];
  return typed.flatMap(({ name: parameter, type }) =>
    literals(type).map((member) => entry(`${name}(${parameter}).${member.name}`, "member", member.comment)),
  );
}
