import { useQuery } from '@tanstack/react-query';
import type { PatientView } from '../../api/index.ts';
import { get } from '../client.ts';
import { personName } from './format.ts';
import { useMe } from './frame.tsx';

/**
 * Whose study it is. Asked for once for every time the page is opened, because every answer is
 * recorded as a look at patient data; the page's own refreshes are none.
 */
export function Patient({ path }: { readonly path: string }) {
  const sees = useMe().data?.seesPatients === true;
  const patient = useQuery({
    queryKey: ['patient', path],
    queryFn: () => get<PatientView>(path),
    enabled: sees,
    staleTime: Infinity,
    gcTime: 0,
  });
  return (
    <>
      <div>
        <dt>Patient</dt>
        <dd>
          {!sees && <span className="hidden">hidden for your role</span>}
          {patient.error?.message}
          {patient.data && (
            <>
              {personName(patient.data.name)}
              <small>{patient.data.id ?? 'no ID'}</small>
            </>
          )}
        </dd>
      </div>
      {patient.data && (
        <div>
          <dt>Accession number</dt>
          <dd>{patient.data.accessionNumber ?? '–'}</dd>
        </div>
      )}
    </>
  );
}
