FROM node:26-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN --mount=type=cache,target=/root/.npm npm ci
COPY tsconfig.json rolldown.config.ts ./
COPY migrations migrations
COPY src src
RUN npm run build

# The bundle needs no node_modules: the image is Node.js and the program.
FROM node:26-slim
ARG TBG_BUILD_SHA=dev
LABEL org.opencontainers.image.title="tbg-api" \
  org.opencontainers.image.description="The backend service of The Bitcoin Game" \
  org.opencontainers.image.licenses="MIT" \
  org.opencontainers.image.revision="${TBG_BUILD_SHA}"
ENV NODE_ENV=production TBG_BUILD_SHA=${TBG_BUILD_SHA}
WORKDIR /app
COPY package.json LICENSE ./
COPY --from=build /app/dist dist
# The account `node` of the base image, by number, so that an orchestrator sees that it is not root.
USER 1000:1000
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --start-interval=2s \
  CMD ["node", "dist/main.js", "healthcheck"]
# No shell and no npm between the runtime and the program, so that SIGTERM reaches it.
ENTRYPOINT ["node", "dist/main.js"]
CMD ["serve"]
