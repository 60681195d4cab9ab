# docker build --tag daybook .
# docker run --rm --volume "$PWD:/data:ro" daybook bill app.log
# docker run --rm --volume daybook:/data daybook keys create --store daybook.db --name ops --scope admin
# docker run --publish 8000:8000 --volume daybook:/data --volume "$PWD/daybook.yaml:/data/daybook.yaml:ro" daybook

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
# Others than this container are answered, once there is a key.
ENV NODE_ENV=production \
    DAYBOOK_SERVER_HOST=0.0.0.0 \
    DAYBOOK_SERVER_PORT=8000
# What is made of it by a volume belongs to the same user.
RUN install --directory --owner node --group node /data
USER node
WORKDIR /data
EXPOSE 8000
HEALTHCHECK --start-period=10s --interval=10s --timeout=5s CMD ["node", "--eval", \
    "fetch('http://127.0.0.1:' + process.env.DAYBOOK_SERVER_PORT + '/healthz/ready').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["daybook"]
CMD ["serve"]
