// Every message of errors and reasons in the sources, with `...` for its variable parts. Must not know what messages mean.
import ts from "typescript";
import { read, sourcesBelow } from "./sources.js";

/** A message and what carries it: the error's class, or the function that it is given to. */
export interface Message {
  readonly carrier: string;
  readonly text: string;
}

/** What hands a text on to an error or to `backend().reasons`. */
const CARRIERS: readonly string[] = ["lose", "lost", "misfit", "warn"];

/** All messages of the sources, each once. */
export function messages(): Message[] {
  const found = new Map<string, Message>();
  for (const path of sourcesBelow("src/")) {
    const file = ts.createSourceFile(path, read(path), ts.ScriptTarget.ES2022, true);
    const add = (carrier: string, node: ts.Expression): void => {
      for (const text of textsOf(node, file)) {
        // What is put together of other messages has none of its own.
        if (text.replace(/\W/g, "").length >= 10) found.set(`${carrier} ${text}`, { carrier, text });
      }
    };
    const visit = (node: ts.Node): void => {
      if (ts.isNewExpression(node) && ts.isIdentifier(node.expression) && /Error$/.test(node.expression.text)) {
        if (node.arguments?.[0]) add(node.expression.text, node.arguments[0]);
      } else if (ts.isCallExpression(node)) {
        const { expression } = node;
        const name = ts.isPropertyAccessExpression(expression) ? expression.name.text : expression.getText(file);
        if (CARRIERS.includes(name) || /^(?:reasons|said)\.add$/.test(expression.getText(file))) {
          for (const argument of node.arguments) add(name, argument);
        }
      } else if (ts.isFunctionDeclaration(node) && /^(why|describe)/.test(node.name!.text)) {
        for (const returned of returnsIn(node)) add(node.name!.text, returned);
      }
      ts.forEachChild(node, visit);
    };
    visit(file);
  }
  return [...found.values()];
}

function returnsIn(node: ts.Node): ts.Expression[] {
  const own = ts.isReturnStatement(node) && node.expression !== undefined ? [node.expression] : [];
  const inner: ts.Expression[] = [];
  ts.forEachChild(node, (child) => {
    inner.push(...returnsIn(child));
  });
  return own.concat(inner);
}

/** What an expression may come to, as far as it stands in the source: both sides of a choice, a constant by its name. */
function textsOf(node: ts.Expression, file: ts.SourceFile): string[] {
  if (ts.isConditionalExpression(node)) return [node.whenTrue, node.whenFalse].flatMap((side) => textsOf(side, file));
  if (ts.isIdentifier(node)) return constantsNamed(node.text, file).flatMap((value) => textsOf(value, file));
  return [textOf(node, file)];
}

/** A text with its parts joined and `...` for unknown ones. */
function textOf(node: ts.Expression, file: ts.SourceFile): string {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isParenthesizedExpression(node)) return textOf(node.expression, file);
  if (ts.isTemplateExpression(node)) {
    return node.templateSpans.reduce((text, { literal }) => `${text}...${literal.text}`, node.head.text);
  }
  if (ts.isBinaryExpression(node)) return textOf(node.left, file) + textOf(node.right, file);
  return "...";
}

/** What the file's constants of a name are. */
function constantsNamed(name: string, file: ts.SourceFile): ts.Expression[] {
  const found: ts.Expression[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isVariableDeclaration(node) && node.name.getText(file) === name && node.initializer !== undefined) {
      found.push(node.initializer);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}
