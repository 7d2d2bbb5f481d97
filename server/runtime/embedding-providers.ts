/** Where LangChain keeps the embeddings of a provider, for `store.index.embed` as `provider:model`. */
export const EMBEDDING_PROVIDERS: Readonly<Record<string, { readonly package: string, readonly className: string }>> = {
  azure_openai: { package: '@langchain/openai', className: 'AzureOpenAIEmbeddings' },
  bedrock: { package: '@langchain/aws', className: 'BedrockEmbeddings' },
  cohere: { package: '@langchain/cohere', className: 'CohereEmbeddings' },
  google_genai: { package: '@langchain/google-genai', className: 'GoogleGenerativeAIEmbeddings' },
  google_vertexai: { package: '@langchain/google-vertexai', className: 'VertexAIEmbeddings' },
  mistralai: { package: '@langchain/mistralai', className: 'MistralAIEmbeddings' },
  ollama: { package: '@langchain/ollama', className: 'OllamaEmbeddings' },
  openai: { package: '@langchain/openai', className: 'OpenAIEmbeddings' },
}

/** Whether an embedding is named by a file of the project, `./file:export`, and not by a provider. */
export const isEmbeddingFile = (embed: string): boolean => /^\.{0,2}[\\/]|^[A-Za-z]:[\\/]|\.[cm]?[jt]sx?(:|$)|\.py(:|$)/.test(embed)
