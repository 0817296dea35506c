import { useQuery } from '@tanstack/react-query';
import { getPlant } from '@twinergy-examples/client';
import { useSpeech } from '../i18n/index.js';
import { Answer } from '../parts/answer.js';
import { Empty } from '../parts/states.js';
import { isPlantShape } from '../solar-twin/plant-shape.js';
import { Twin } from '../solar-twin/twin.js';

/** SolarTwin: the plant in 3D, or from above, at any time of a day. */
export default function SolarTwin({ id }: { readonly id: string }) {
  const { t } = useSpeech();
  const plant = useQuery({
    queryKey: ['plant', id],
    queryFn: async () => (await getPlant({ path: { asset_id: id } })).data,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <Answer query={plant} height={480}>
      {({ resolved, channels }) =>
        isPlantShape(resolved) ? (
          <Twin key={id} id={id} plant={resolved} channels={channels.map(({ name }) => name)} />
        ) : (
          <Empty text={t('twin.none')} />
        )
      }
    </Answer>
  );
}
