import { fastifySwagger, type SwaggerTransformObject } from '@fastify/swagger';
import { jsonSchemaTransform } from 'fastify-type-provider-zod';
import type { Api } from './api.ts';

/** A parameter of an operation, as far as it is of interest here. */
interface Parameter {
  readonly in: string;
  readonly schema?: { readonly type?: string };
}

/** Makes the OpenAPI document of all routes that are added then. */
export async function describeApi(api: Api, version: string): Promise<void> {
  const info = { title: 'Daybook', version };
  const description = 'Without keys none is needed, and only this machine is answered.';
  const bearer = { type: 'http', scheme: 'bearer', description } as const;
  const components = { securitySchemes: { bearer } };
  await api.register(fastifySwagger, {
    openapi: { openapi: '3.1.0', info, components, security: [{ bearer: [] }] },
    transform: jsonSchemaTransform,
    transformObject: withMembers,
  });
}

/** Says of a parameter that is an object how its members are written: `name[member]=value`. */
const withMembers: SwaggerTransformObject = (document) => {
  if (!('openapiObject' in document)) return document.swaggerObject;
  const { openapiObject } = document;
  for (const path of Object.values(openapiObject.paths ?? {}))
    for (const operation of Object.values(path ?? {})) {
      const { parameters = [] } = operation as { readonly parameters?: readonly Parameter[] };
      for (const parameter of parameters)
        if (parameter.in === 'query' && parameter.schema?.type === 'object')
          Object.assign(parameter, { style: 'deepObject', explode: true });
    }
  return openapiObject;
};
