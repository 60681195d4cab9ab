import { fastifySwagger, type SwaggerTransformObject } from '@fastify/swagger';
import { jsonSchemaTransform } from 'fastify-type-provider-zod';
import type { Api } from './api.ts';

/** An operation, as far as it is of interest here. */
interface Operation {
  readonly parameters?: readonly { readonly in: string; readonly schema?: Schema }[];
  readonly requestBody?: { readonly content?: Record<string, { readonly schema?: Schema }> };
}

interface Schema {
  readonly type?: string;
  readonly anyOf?: readonly Schema[];
}

/** Media types of which an example that is an object is one. */
const OF_AN_OBJECT: RegExp = /^application[/](cloudevents[+])?json$/;

/** Makes the OpenAPI document of all routes that are added then. */
export async function describeApi(api: Api, version: string): Promise<void> {
  const info = { title: 'Daybook', version };
  const description = 'Without keys none is needed, and only this machine is answered.';
  const bearer = { type: 'http', scheme: 'bearer', description } as const;
  const components = { securitySchemes: { bearer } };
  await api.register(fastifySwagger, {
    openapi: { openapi: '3.1.0', info, components, security: [{ bearer: [] }] },
    transform: jsonSchemaTransform,
    transformObject: finished,
  });
}

/** Says what the schemas of routes cannot. */
const finished: SwaggerTransformObject = (document) => {
  if (!('openapiObject' in document)) return document.swaggerObject;
  const { openapiObject } = document;
  for (const path of Object.values(openapiObject.paths ?? {}))
    for (const operation of Object.values(path ?? {})) finish(operation as Operation);
  return openapiObject;
};

function finish({ parameters = [], requestBody }: Operation): void {
  // Its members are written `name[member]=value`.
  for (const parameter of parameters)
    if (parameter.in === 'query' && parameter.schema?.type === 'object')
      Object.assign(parameter, { style: 'deepObject', explode: true });
  const { content = {} } = requestBody ?? {};
  for (const [type, { schema = {} }] of Object.entries(content)) {
    if (!OF_AN_OBJECT.test(type)) content[type] = { schema };
    if (schema.anyOf?.some((each) => each.type === 'null'))
      Object.assign(requestBody!, { required: false });
  }
}
