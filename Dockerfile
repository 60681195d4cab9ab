# docker build --tag daybook .
# docker run --rm --volume "$PWD:/data:ro" daybook bill app.log

FROM node:26-bookworm-slim AS build
# Not as root: some tests would then try what a build may not do, such as mounting.
USER node
RUN mkdir /home/node/daybook /home/node/package
WORKDIR /home/node/daybook
# Dependencies first: they change less often than the rest. tools/node is one of them.
COPY --chown=node package.json package-lock.json ./
COPY --chown=node tools/node tools/node
RUN npm ci --no-audit --no-fund
COPY --chown=node . .
RUN npm test
RUN npm pack --pack-destination ../package

FROM node:26-bookworm-slim
COPY --from=build /home/node/package/daybook-*.tgz /tmp/daybook.tgz
RUN npm install --global --omit=dev --no-audit --no-fund /tmp/daybook.tgz \
    && npm cache clean --force \
    && rm /tmp/daybook.tgz
ENV NODE_ENV=production
USER node
WORKDIR /data
ENTRYPOINT ["daybook"]
CMD ["--help"]
